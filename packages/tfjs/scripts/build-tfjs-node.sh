#!/usr/bin/env bash
# Gives @tensorflow/tfjs-node its native library without its download host: builds the binding from the npm package's own
# sources against the libtensorflow 2.9.1 inside TensorFlow's Python wheel (CPU build).
#   scripts/build-tfjs-node.sh FOLDER   # a folder whose node_modules has @tensorflow/tfjs-node 4.22 (npm i --ignore-scripts)
# Needs Linux x64, pip, unzip, g++, Node's headers (NODE_HEADERS, default /usr/include/node) and Python 3.10's shared
# library, which the wheel's libtensorflow refers to: run Node with LD_PRELOAD=libpython3.10.so.1.0 afterwards.
set -euo pipefail
folder=${1:?usage: build-tfjs-node.sh FOLDER}
headers=${NODE_HEADERS:-/usr/include/node}
package="$(cd "$folder" && pwd)/node_modules/@tensorflow/tfjs-node"
[ -d "$package" ] || { echo "$package does not exist: npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 there first" >&2; exit 2; }
[ -f "$headers/node_api.h" ] || { echo "$headers has no node_api.h: set NODE_HEADERS" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip download --quiet --no-deps --python-version 310 --only-binary=:all: --dest "$work" tensorflow-cpu==2.9.1
unzip -q "$work"/tensorflow_cpu-*.whl -d "$work/wheel"
wheel="$work/wheel/tensorflow"
mkdir -p "$package/deps/lib" "$package/lib/napi-v8"
cp "$wheel/python/_pywrap_tensorflow_internal.so" "$wheel/libtensorflow_framework.so.2" "$package/deps/lib/"
cd "$package"
g++ -O2 -std=c++17 -shared -fPIC -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION -I. -I.. -I"$wheel/include" -I"$headers" \
  binding/tfjs_backend.cc binding/tfjs_binding.cc -o lib/napi-v8/tfjs_binding.node \
  -Ldeps/lib -l:_pywrap_tensorflow_internal.so -l:libtensorflow_framework.so.2 -Wl,-rpath,'$ORIGIN/../../deps/lib'
echo "built $package/lib/napi-v8/tfjs_binding.node"
