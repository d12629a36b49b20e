// What the test in Node takes from here.
export {Tidemark} from 'tidemark'
export {app, markRequest, request} from './app.js'
export {cases} from './cases.js'
export {difference, plain} from './plain.js'
export {Random} from './random.js'
export {storeRows} from './rows.js'
export {Walk} from './walk.js'
