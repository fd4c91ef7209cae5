export * from './adamW.js'
export * from './flat.js'
export * from './schedule.js'
export * from './trainer.js'
