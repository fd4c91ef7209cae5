export { drawsFormat, type PosteriorTable, writeDraws } from './writeDraws.js'
