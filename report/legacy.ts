/**
 * The three pages by their earlier names, built from `writePage` and its sections. They stand here until the pipelines
 * compose their pages themselves; nothing else may depend on this file.
 */
import { dwarfProfile, type ProfileReport } from './dwarfs/dwarfProfiles.js'
import { type ShownStars, starsFigures } from './dwarfs/starsSection.js'
import { type CosmologyReport, cosmologySection } from './halos/cosmologySection.js'
import { type PopulationReport, populationSection } from './halos/populationSection.js'
import { type TrainingReport, trainingSection } from './halos/trainingSection.js'
import { gridHtml } from './html.js'
import { type Page, renderPage, type Section, writePage } from './page.js'
import { type CalibrationReport, calibrationSection } from './posterior/calibrationSection.js'
import type { CornerData } from './posterior/cornerPlot.js'
import { cornerSection } from './posterior/cornerSection.js'
import { type DerivedRow, derivedTable } from './posterior/derivedTable.js'
import { profilesSection } from './posterior/profilesSection.js'
import { type UnusualData, unusualFigure } from './posterior/unusualSection.js'

type PageFrame = Omit<Page, 'sections'>

/** A report on fields of halos. */
export interface ReportData extends PageFrame {
  readonly cosmologies: readonly CosmologyReport[]
  readonly populations?: readonly PopulationReport[]
  readonly training?: TrainingReport
}

/** `renderPage` with the sections on fields of halos. */
export function reportPage(data: ReportData): string {
  return renderPage(fieldsPage(data))
}

/** `writePage` with the sections on fields of halos. */
export function writeReport(path: string, data: ReportData): void {
  writePage(path, fieldsPage(data))
}

function fieldsPage({ cosmologies, populations = [], training, ...frame }: ReportData): Page {
  const sections = [
    ...cosmologies.map(cosmologySection),
    ...populations.map(populationSection),
    ...(training ? [trainingSection(training)] : []),
  ]
  return { ...frame, sections }
}

/** A report on a posterior of whatever parameters. */
export interface PosteriorReportData extends PageFrame {
  readonly corner?: CornerData
  readonly calibrations?: readonly CalibrationReport[]
}

/** `renderPage` with a corner plot and calibrations. */
export function posteriorPage(data: PosteriorReportData): string {
  return renderPage(cornerPage(data))
}

/** `writePage` with a corner plot and calibrations. */
export function writePosteriorPage(path: string, data: PosteriorReportData): void {
  writePage(path, cornerPage(data))
}

function cornerPage({ corner, calibrations = [], ...frame }: PosteriorReportData): Page {
  return { ...frame, sections: [...(corner ? [cornerSection(corner)] : []), ...calibrations.map(calibrationSection)] }
}

/** A report on dwarf galaxies: of one galaxy's posterior, of a calibration, or of both. */
export interface DwarfReportData extends PageFrame {
  readonly galaxy?: GalaxyReport
  readonly calibrations?: readonly CalibrationReport[]
}

/** One galaxy: its stars, its posterior and what follows. */
export interface GalaxyReport extends CornerData {
  readonly stars?: ShownStars
  readonly profiles?: readonly ProfileReport[]
  readonly derived?: readonly DerivedRow[]
  readonly unusual?: Omit<UnusualData, 'noun'>
}

/** `renderPage` with the sections on dwarf galaxies. */
export function dwarfPage(data: DwarfReportData): string {
  return renderPage(galaxyPage(data))
}

/** `writePage` with the sections on dwarf galaxies. */
export function writeDwarfReport(path: string, data: DwarfReportData): void {
  writePage(path, galaxyPage(data))
}

function galaxyPage({ galaxy, calibrations = [], ...frame }: DwarfReportData): Page {
  return { ...frame, sections: [...(galaxy ? galaxySections(galaxy) : []), ...calibrations.map(calibrationSection)] }
}

/** What follows from the posterior comes first, for most readers want that alone. */
function galaxySections({ stars, profiles = [], derived = [], unusual, ...corner }: GalaxyReport): Section[] {
  const figures = [
    ...(stars ? starsFigures(stars, unusual ? 352 : 470) : []),
    ...(unusual ? [unusualFigure({ ...unusual, noun: { one: 'galaxy', many: 'galaxies' } })] : []),
  ]
  return [
    derivedTable(derived),
    profilesSection({
      profiles: profiles.map(dwarfProfile),
      posterior: corner.posterior.label,
      second: corner.second?.label,
    }),
    cornerSection({ ...corner, note: 'Nothing lies outside the prior.' }),
    { title: 'Data', html: gridHtml(figures, !unusual) },
  ]
}
