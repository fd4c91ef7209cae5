export * from './cellList.js'
