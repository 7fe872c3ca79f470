import * as zstd from '@cloudpss/zstd/napi';
import { provideModule } from '../../../src/message/optional-module.js';

/** Jest can not `require` an ES module on Node 20, as Node itself can. */
export const installOptionalLibraries = (): void => provideModule('@cloudpss/zstd/napi', zstd);
