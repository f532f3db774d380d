/** Loaded by tap before each test file: see `.taprc`. */
import { hastenDrizzle } from '../../core/cli/quick-drizzle.ts';

hastenDrizzle();
