#!/usr/bin/env bash
# @tensorflow/tfjs-node on a current TensorFlow: builds the package's small addon from its own sources against PyPI's wheel,
# where the published one brings libtensorflow 2.9.1 and wants CUDA 11.2 (2021).
#
#   packages/tfjs/scripts/build-tfjs-node.sh FOLDER [cpu|gpu]
#
# FOLDER is made where it is missing; its node_modules gets @tensorflow/tfjs-node (or -gpu, without its download) with the addon.
# Then, from FOLDER: import('@tensorflow/tfjs-node'). `cpu` (default) takes the wheel tensorflow-cpu, about 260 MB; `gpu` takes
# tensorflow and NVIDIA's CUDA libraries beside it, about 5 GB, for a driver of CUDA 12.5 or newer.
# Needs Linux x64 with glibc 2.27 or newer, Node 20 or newer, npm, pip, unzip and g++ 9 or newer.
# TENSORFLOW_VERSION (default 2.21.0) and DOWNLOAD_TIMEOUT (seconds for each download, default 1800) may be set.
set -euo pipefail
fail() { echo "build-tfjs-node: $1" >&2; exit "${2:-1}"; }

[ $# -ge 1 ] || fail 'usage: build-tfjs-node.sh FOLDER [cpu|gpu]' 2
build=${2:-cpu}
case $build in
  cpu) package=@tensorflow/tfjs-node wheels=(tensorflow-cpu) ;;
  gpu) package=@tensorflow/tfjs-node-gpu wheels=(tensorflow 'tensorflow[and-cuda]') ;;
  *) fail "the build is '$build'; expected cpu or gpu" 2 ;;
esac
version=${TENSORFLOW_VERSION:-2.21.0}
limit=${DOWNLOAD_TIMEOUT:-1800}
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "this is $(uname -s)-$(uname -m); TensorFlow's wheels with a C library are for Linux-x86_64" 2
for tool in npm pip unzip g++ timeout; do command -v "$tool" > /dev/null || fail "'$tool' is not installed" 2; done

mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "1/4 $package without its download"
[ -f "$folder/package.json" ] || echo '{ "private": true }' > "$folder/package.json"
timeout "$limit" npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund "$package@4.22.0" node-api-headers@1 ||
  fail "npm could not install $package within $limit s"
target=$folder/node_modules/$package

echo "2/4 ${wheels[0]} $version from PyPI"
# The library is plain C++; which Python the wheel is for does not matter.
timeout "$limit" pip download --no-deps --only-binary=:all: --python-version 3.12 --implementation cp --abi cp312 \
  --platform manylinux_2_27_x86_64 --dest "$work" "${wheels[0]}==$version" ||
  fail "pip could not download ${wheels[0]} $version within $limit s (set DOWNLOAD_TIMEOUT, or another TENSORFLOW_VERSION)"
unzip -q "$work"/tensorflow*.whl 'tensorflow/libtensorflow_*' 'tensorflow/include/*' -d "$work"
if [ "$build" = gpu ]; then
  timeout "$limit" pip install --quiet --target "$work/cuda" "${wheels[1]}==$version" ||
    fail "pip could not install NVIDIA's libraries within $limit s"
fi

echo '3/4 the addon'
libraries=$target/deps/lib
mkdir -p "$libraries" "$target/lib/napi-v8"
cp "$work"/tensorflow/libtensorflow_cc.so.2 "$work"/tensorflow/libtensorflow_framework.so.2 "$libraries/"
# shellcheck disable=SC2016 # $ORIGIN is for the loader
paths=('-Wl,-rpath,$ORIGIN/../../deps/lib')
if [ "$build" = gpu ]; then
  find "$work/cuda/nvidia" -path '*/lib/*.so*' -exec cp -n {} "$libraries/" \;
fi
cd "$target"
g++ -O2 -std=c++17 -shared -fPIC -DNAPI_VERSION=8 -I. -I"$work/tensorflow/include" -I"$folder/node_modules/node-api-headers/include" \
  binding/tfjs_backend.cc binding/tfjs_binding.cc -o lib/napi-v8/tfjs_binding.node \
  -L"$libraries" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 "${paths[@]}" -Wl,--disable-new-dtags

echo '4/4 a product'
cd "$folder"
node --input-type=module - "$package" "$build" <<'JS'
import util from 'node:util';
const [name, build] = process.argv.slice(2);
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const { createRequire } = await import('node:module');
const tf = createRequire(`${process.cwd()}/`)(name);
const [six] = tf.matMul([[1, 2]], [[4], [1]]).dataSync();
const backend = tf.backend();
console.log(`TensorFlow ${backend.binding?.TF_Version ?? ''} on ${backend.isUsingGpuDevice ? 'the GPU' : 'the processor'}: 1 * 4 + 2 * 1 = ${six}`);
if (six !== 6) process.exit(1);
if (build === 'gpu' && !backend.isUsingGpuDevice) {
  console.error('TensorFlow found no GPU that it can use. Look at its warnings above: driver, CUDA and cuDNN.');
  process.exit(1);
}
JS
echo "built: $target"
