export * from './folder.js'
export * from './friendsOfFriends.js'
export * from './gadget.js'
