import { loadAddon, type NativePath } from './load-addon.js';

/** Whether the native engine can run here, and how. */
export type NativeSupport =
  | {
      readonly available: true;
      /** Where the addon comes from: 'built here', or the platform package's name. */
      readonly source: string;
      /** Every path of this architecture, best first. */
      readonly paths: readonly NativePath[];
    }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

/** Loads the addon and tells what this processor has. Never throws. */
export function nativeSupport(): NativeSupport {
  const { addon, ...rest } = loadAddon();
  if (addon === undefined) return { available: false, ...(rest as { reason: string; remedy: string }) };
  return { available: true, paths: addon.paths(), ...(rest as { source: string }) };
}
