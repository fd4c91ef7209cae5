/**
 * Posteriors, and whether they are true.
 *
 * @module
 */

export { type BandCurve, type BandData, bandPlot } from './bandPlot.js'
export { coverageAlongPlot, coveragePlot, rankPlot, recoveryPlot } from './calibrationPlots.js'
export { type CalibratedParameter, type CalibrationReport, calibrationSection } from './calibrationSection.js'
export { type CornerData, cornerPlot, type ShownDraws } from './cornerPlot.js'
export { type CornerSectionData, cornerSection } from './cornerSection.js'
export { type DerivedRow, derivedTable } from './derivedTable.js'
export { type Profile, type ProfilesData, profilesSection } from './profilesSection.js'
export { type UnusualData, unusualFigure, unusualSection } from './unusualSection.js'

// Names that pipelines import from here until they compose their pages themselves

export { binomialInterval } from '../../statistics/index.js'
export type { ProfileReport } from '../dwarfs/dwarfProfiles.js'
export { dwarfLabels } from '../dwarfs/parameterLabels.js'
export { type DwarfReportData, writeDwarfReport, writePosteriorPage } from '../legacy.js'
