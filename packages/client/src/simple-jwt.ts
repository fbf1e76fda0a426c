export { type SimpleJwtOptions, simpleJwt } from './backends/simple-jwt.js';
