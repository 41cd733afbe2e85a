import type * as Files from 'node:fs/promises';

/** Counts the calls that change files; from the `crashAt`th on none happens any more, as after a kill. */
export const disk = { calls: 0, crashAt: Number.POSITIVE_INFINITY };

/** `node:fs/promises` on that disk. A write that the crash hits leaves half of its bytes. */
export function crashingFiles(files: typeof Files): typeof Files {
  const crashes = () => ++disk.calls >= disk.crashAt;
  const check = () => {
    if (crashes()) throw new Error('killed');
  };
  return {
    ...files,
    rename: async (...args) => {
      check();
      return files.rename(...args);
    },
    rm: async (...args) => {
      check();
      return files.rm(...args);
    },
    open: async (path, flags, mode) => {
      if (flags === 'wx') check();
      const file = await files.open(path, flags, mode);
      if (flags !== 'wx') return file;
      const writeFile = file.writeFile.bind(file);
      file.writeFile = async (data, options) => {
        if (!crashes()) return writeFile(data, options);
        const bytes = Buffer.from(data as Uint8Array);
        await writeFile(bytes.subarray(0, bytes.length >> 1));
        throw new Error('killed');
      };
      return file;
    },
  };
}
