/**
 * zod compiles its checks where it may. The content security policy forbids that, and the browser would report the try. Run this
 * module before the first schema: a schema decides when it is made.
 */
import * as z from 'zod';

z.config({ jitless: true });
