/**
 * Numbers to pictures: figures as SVG text, sections of HTML, and the one kind of page that they are put into.
 *
 * @module
 */

export type { ComparisonFigureOptions, ComparisonPlotOptions } from './comparisonPlot.js'
// Figures of any science
export { comparisonFigure, comparisonPlot } from './comparisonPlot.js'
export { deviationPlot } from './deviationPlot.js'
export type { ProfileReport } from './dwarfs/dwarfProfiles.js'
// Dwarf galaxies
export { dwarfProfile } from './dwarfs/dwarfProfiles.js'
export { dwarfLabels } from './dwarfs/parameterLabels.js'
export type { ShownStars } from './dwarfs/starsSection.js'
export { starsFigures, starsSection } from './dwarfs/starsSection.js'
export type { CosmologyReport } from './halos/cosmologySection.js'
// Fields of halos
export { cosmologySection } from './halos/cosmologySection.js'
export type { PopulationReport } from './halos/populationSection.js'
export { populationSection } from './halos/populationSection.js'
export type { CosmologyResponse } from './halos/responsePanels.js'
export type { ShownField } from './halos/shownFields.js'
export type { SlabOptions } from './halos/slabPlot.js'
export { slabPlot } from './halos/slabPlot.js'
export type { TrainingReport } from './halos/trainingSection.js'
export { trainingSection } from './halos/trainingSection.js'
export type { Cell, Column } from './html.js'
// A page and its parts
export { escapeHtml, figureHtml, gridHtml, numberText, plusMinus, tableHtml } from './html.js'
export type { DwarfReportData, GalaxyReport, PosteriorReportData, ReportData } from './legacy.js'
// The three pages by their earlier names
export { dwarfPage, posteriorPage, reportPage, writeDwarfReport, writePosteriorPage, writeReport } from './legacy.js'
export type { Line, LinePlotOptions } from './linePlot.js'
export { linePlot } from './linePlot.js'
export type { Fact, Page, Section, Timing } from './page.js'
export { renderPage, writePage } from './page.js'
export type { BandCurve, BandData, BandPlotOptions, BandPoints } from './posterior/bandPlot.js'
// Posteriors, and whether they are true
export { bandPlot } from './posterior/bandPlot.js'
export type {
  CoverageAlong,
  CoverageAlongOptions,
  CoverageCurve,
  CoveragePlotOptions,
  RankPlotOptions,
  RecoveryPlotOptions,
} from './posterior/calibrationPlots.js'
export { coverageAlongPlot, coveragePlot, rankPlot, recoveryPlot } from './posterior/calibrationPlots.js'
export type { CalibratedParameter, CalibrationReport } from './posterior/calibrationSection.js'
export { calibrationSection } from './posterior/calibrationSection.js'
export type { CornerData, CornerOptions, ShownDraws } from './posterior/cornerPlot.js'
export { cornerPlot } from './posterior/cornerPlot.js'
export type { CornerSectionData } from './posterior/cornerSection.js'
export { cornerSection } from './posterior/cornerSection.js'
export type { DerivedRow } from './posterior/derivedTable.js'
export { derivedTable } from './posterior/derivedTable.js'
export type { Profile, ProfilesData } from './posterior/profilesSection.js'
export { profilesSection } from './posterior/profilesSection.js'
export type { UnusualData } from './posterior/unusualSection.js'
export { unusualFigure, unusualSection } from './posterior/unusualSection.js'
export { faint, generatedColour, ink, lineColours, okabeIto, simulatedColour } from './style.js'
export type { AxisOptions, FigureOptions } from './svg.js'
export { decades, drawFigure, superscript } from './svg.js'
