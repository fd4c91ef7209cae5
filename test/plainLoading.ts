/**
 * Imported by Node.js before what tap lays over the loading of modules (see .taprc): a second thread in every process
 * and every thread of ours that mocks modules and counts coverage, .5 s of processor time each time. We mock nothing,
 * so where coverage is not counted modules load as they do for a user.
 */
import module, { syncBuiltinESMExports } from 'node:module'

if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '0') {
  module.register = () => undefined
  syncBuiltinESMExports()
}

// The option names this file from the root of the repository; a process that a test starts may run elsewhere.
process.env.NODE_OPTIONS = `--import=${import.meta.url}`
