#!/bin/busybox sh
# The first and only process of the guest; run.mjs fills in what stands between at signs.
mount() { /bin/busybox mount "$@"; }
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /tmp
exec > /dev/ttyS0 2>&1
export MNIST_DATA_DIR=/mnist RUST_TEST_THREADS=1
failed=0
run() {
  echo "== $*"
  "$@" || failed=$((failed + 1))
  /bin/busybox date
}
/bin/busybox grep -m1 'model name' /proc/cpuinfo
run /tests/fused --nocapture
run /tests/mnist_native --nocapture
run /bin/busybox env MNIST_TEST_ONLY=avx512 /bin/node @CONFORMANCE@
run /bin/busybox env NATIVE_NETS=@NETS@ NATIVE_NETS_BITS=1 NATIVE_NETS_PATHS=avx512 /tests/random_nets --nocapture
echo "outcome: $failed failed"
# Until the serial port has sent it.
/bin/busybox sleep 2
/bin/busybox poweroff -f
