/**
 * Numbers to pictures: figures as SVG text, sections of HTML, and the one kind of page that they are put into.
 *
 *     import { figureHtml, linePlot, renderPage } from 'stippling/report'
 *
 *     const svg = linePlot({
 *       description: 'a falling line',
 *       x: { label: 'r' },
 *       y: { label: 'xi' },
 *       lines: [{ label: 'xi', x: [1, 2, 3], y: [3, 2, 1] }],
 *     })
 *     const sections = [{ title: 'Clustering', html: figureHtml('xi', svg, 'one field') }]
 *     const empty = { facts: [], timings: [], environment: [], provenance: [] }
 *     const page = renderPage({ title: 'A field', lead: 'What was measured of it.', sections, ...empty })
 *     console.log(page.includes('<svg'))      // true
 *
 * @module
 */

// A page and its parts

export {
  type Cell,
  type Column,
  escapeHtml,
  figureHtml,
  gridHtml,
  numberText,
  percentText,
  plusMinus,
  tableHtml,
  verdictHtml,
} from './html.js'
export { type Fact, type Page, renderPage, type Section, type Timing, writePage } from './page.js'

// Figures of any science

export {
  type ComparisonFigureOptions,
  type ComparisonPlotOptions,
  comparisonFigure,
  comparisonPlot,
} from './comparisonPlot.js'
export { deviationPlot } from './deviationPlot.js'
export { type Line, type LinePlotOptions, linePlot } from './linePlot.js'
export { faint, generatedColour, ink, lineColours, okabeIto, simulatedColour } from './style.js'
export { type AxisOptions, decades, drawFigure, type FigureOptions, superscript } from './svg.js'

// Posteriors, and whether they are true

export { type BandCurve, type BandData, type BandPlotOptions, type BandPoints, bandPlot } from './posterior/bandPlot.js'
export {
  type CoverageAlong,
  type CoverageAlongOptions,
  type CoverageCurve,
  type CoveragePlotOptions,
  coverageAlongPlot,
  coveragePlot,
  type RankPlotOptions,
  type RecoveryPlotOptions,
  rankPlot,
  recoveryPlot,
} from './posterior/calibrationPlots.js'
export { type CalibratedParameter, type CalibrationReport, calibrationSection } from './posterior/calibrationSection.js'
export { type CornerData, type CornerOptions, cornerPlot, type ShownDraws } from './posterior/cornerPlot.js'
export { type CornerSectionData, cornerSection } from './posterior/cornerSection.js'
export { type DerivedRow, derivedTable } from './posterior/derivedTable.js'
export { type Profile, type ProfilesData, profilesSection } from './posterior/profilesSection.js'
export { type UnusualData, unusualFigure, unusualSection } from './posterior/unusualSection.js'

// Fields of halos

export { type CosmologyReport, cosmologySection } from './halos/cosmologySection.js'
export { type PopulationReport, populationSection } from './halos/populationSection.js'
export type { CosmologyResponse } from './halos/responsePanels.js'
export type { ShownField } from './halos/shownFields.js'
export { type SlabOptions, slabPlot } from './halos/slabPlot.js'
export { type TrainingReport, trainingSection } from './halos/trainingSection.js'

// Dwarf galaxies

export { dwarfProfile, type ProfileReport } from './dwarfs/dwarfProfiles.js'
export { type ShownStars, starsFigures, starsSection } from './dwarfs/starsSection.js'
