export * from './denoiser.js'
export * from './linearScore.js'
export * from './ridge.js'
export * from './thetaTerms.js'
