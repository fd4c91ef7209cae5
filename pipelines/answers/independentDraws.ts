export { independentDiagnostics } from '../../generative/posterior/index.js'
