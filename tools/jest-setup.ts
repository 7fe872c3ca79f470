import { jest } from '@jest/globals';

// In ESM mode Jest does not define the "jest" global that @types/jest declares.
Object.assign(globalThis, { jest });
