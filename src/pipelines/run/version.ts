import { readFileSync } from 'node:fs'

/** The version of this package, from its own package.json (four folders above, also when installed from npm). */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}
