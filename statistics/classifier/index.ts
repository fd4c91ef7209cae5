export * from './neighbourhood.js'
export * from './twoSampleTest.js'
