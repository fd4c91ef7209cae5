import { bench } from '../commands/bench.js'
import { main } from '../main.js'

/** `npm run bench -- NAME…` is `stipple bench NAME…`. */
await main(['bench', ...process.argv.slice(2)], [bench])
