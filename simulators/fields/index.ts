export { type ClusterField, type ClusterFieldOptions, clusterField, randomParents } from './clusterField.js'
export { type GaussianRandomField, gaussianRandomField } from './gaussianRandomField.js'
export { exactTarget, fieldLikelihoodTarget, type KnownField, type Likelihood, type Theta } from './knownField.js'
