/**
 * Lists what a module of the rooms exports and nothing imports: `node dist/test/house/deadExports.js`. An index may
 * export what it likes, since others outside the repository import it. A worker's module is loaded by its path.
 */

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import { filesBeneath, rooms } from './sources.js'

export interface DeadExports {
  /** Imported by nothing, used at most in the module itself: `path: name`, for a type `path: type name` */
  readonly nowhere: readonly string[]
  /** Only an index names it: part of the public interface that nothing here uses, tests included */
  readonly onlyInIndex: readonly string[]
  /** Imported by tests alone, and named by no index */
  readonly onlyInTests: readonly string[]
}

type Importer = 'rooms' | 'tests' | 'index'

/** Every name of a module, where it is imported whole. */
const all = '*'

export function deadExports(): DeadExports {
  const paths = [...rooms, 'test'].flatMap(filesBeneath).filter(path => path.endsWith('.ts'))
  const modules = new Map(paths.map(path => [path, namesOf(path)]))
  const importers = new Map<string, Set<Importer>>()
  /** Follows a name through the modules that hand it on, an index or another. */
  const use = (path: string, name: string, by: Importer): void => {
    const place = `${path}: ${name}`
    const found = importers.get(place) ?? new Set()
    if (found.has(by)) return
    importers.set(place, found.add(by))
    for (const { from, names } of modules.get(path)?.handsOn ?? []) {
      for (const { outer, inner } of names) {
        if (inner === all) use(from, name, by)
        else if (outer === name || name === all) use(from, inner, by)
      }
    }
  }
  for (const [path, { imports, handsOn }] of modules) {
    const by = path.startsWith('test/') ? 'tests' : 'rooms'
    for (const { from, names } of imports) for (const name of names) use(from, name, by)
    if (basename(path) !== 'index.ts') continue
    for (const { from, names } of handsOn) for (const { inner } of names) use(from, inner, 'index')
  }
  const [nowhere, onlyInIndex, onlyInTests]: string[][] = [[], [], []]
  for (const [path, { exports, types }] of modules) {
    if (path.startsWith('test/') || /(^index|Worker)\.ts$/.test(basename(path))) continue
    for (const name of exports) {
      const places = [`${path}: ${name}`, `${path}: ${all}`]
      const by = (who: Importer) => places.some(place => importers.get(place)?.has(who))
      if (by('rooms')) continue
      const line = `${path}: ${types.has(name) ? 'type ' : ''}${name}`
      if (by('tests')) {
        if (!by('index')) onlyInTests.push(line)
      } else (by('index') ? onlyInIndex : nowhere).push(line)
    }
  }
  return { nowhere, onlyInIndex, onlyInTests }
}

interface ModuleNames {
  readonly exports: string[]
  /** Those of them that are types */
  readonly types: Set<string>
  readonly imports: { readonly from: string; readonly names: string[] }[]
  /** `export { inner as outer } from`, or all */
  readonly handsOn: { readonly from: string; readonly names: { readonly outer: string; readonly inner: string }[] }[]
}

function namesOf(path: string): ModuleNames {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: ModuleNames = { exports: [], types: new Set(), imports: [], handsOn: [] }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const from = target(path, node.moduleSpecifier)
      if (from) found.imports.push({ from, names: importedNames(node.importClause) })
    } else if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && target(path, node.moduleSpecifier)
      const listed = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined
      const names = listed?.map(({ name, propertyName }) => ({
        outer: name.text,
        inner: (propertyName ?? name).text,
      }))
      if (from) found.handsOn.push({ from, names: names ?? [{ outer: all, inner: all }] })
      else if (!node.moduleSpecifier) found.exports.push(...(names ?? []).map(({ outer }) => outer))
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const from = target(path, node.arguments[0])
      if (from) found.imports.push({ from, names: [all] })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const from = target(path, node.argument.literal)
      if (from) found.imports.push({ from, names: [all] })
    } else if (ts.canHaveModifiers(node) && isExported(node)) {
      const names = declaredNames(node)
      found.exports.push(...names)
      if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
        for (const name of names) found.types.add(name)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The file that a relative import means. */
function target(path: string, specifier: ts.Node): string | undefined {
  if (!ts.isStringLiteralLike(specifier) || !specifier.text.startsWith('.')) return undefined
  const found = join(dirname(path), specifier.text.replace(/\.js$/, '.ts'))
  return existsSync(found) ? found : undefined
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings
  if (!bindings) return clause?.name ? ['default'] : []
  if (ts.isNamespaceImport(bindings)) return [all]
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
}

function isExported(node: ts.HasModifiers): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
}

function declaredNames(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.flatMap(({ name }) => boundNames(name))
  if (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  ) {
    return node.name ? [node.name.text] : ['default']
  }
  return []
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap(element => (ts.isBindingElement(element) ? boundNames(element.name) : []))
}

if (process.argv[1]?.endsWith('deadExports.js')) {
  const { nowhere, onlyInIndex, onlyInTests } = deadExports()
  const print = (title: string, places: readonly string[]) =>
    console.log(`${title} (${places.length}):\n${places.map(place => `  ${place}\n`).join('')}`)
  print('imported nowhere', nowhere)
  print('imported by tests alone, and named by no index', onlyInTests)
  print('named by an index alone', onlyInIndex)
}
