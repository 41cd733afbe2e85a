// node --import hide-packages.mjs: the program on a machine that lacks something. HIDE is a regular expression of module requests
// that are found nowhere; REPLACE_ONNXRUNTIME a file that takes the place of onnxruntime-node.
import Module, { register } from 'node:module';

const { HIDE, REPLACE_ONNXRUNTIME } = process.env;
const hidden = (request) => HIDE !== undefined && new RegExp(HIDE).test(request);
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (hidden(request)) {
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
  }
  return resolveFilename.call(this, request, ...rest);
};
const hooks = `
  export async function resolve(request, context, next) {
    if (${JSON.stringify(HIDE ?? '')} && new RegExp(${JSON.stringify(HIDE ?? '')}).test(request)) {
      throw Object.assign(new Error("Cannot find package '" + request + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
    }
    const other = ${JSON.stringify(REPLACE_ONNXRUNTIME ?? '')};
    return request === 'onnxruntime-node' && other ? { url: other, format: 'commonjs', shortCircuit: true } : next(request, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
