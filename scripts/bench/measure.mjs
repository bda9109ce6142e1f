// How the benchmarks measure. It stands with the proofs of memory protection, because those are part of the package.
export { measure } from '../memory/measure.mjs'
