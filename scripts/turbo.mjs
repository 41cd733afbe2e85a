// Turbo as the scripts of package.json start it: without its telemetry, which no setting in turbo.json turns off.
import { createRequire } from 'node:module';

process.env.TURBO_TELEMETRY_DISABLED = '1';
createRequire(import.meta.url)('turbo/bin/turbo');
