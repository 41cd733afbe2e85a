use std::time::Duration;

/// Processor time of this thread, so that other work on the machine does not count.
#[cfg(target_os = "linux")]
fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec; Linux has had this clock since 2.6.12.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// What a step spends time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Stem,
    Normalise,
    InputTransform,
    Product,
    OutputTransform,
    Epilogue,
    Moments,
    Head,
    Prologue,
    BackwardNormalise,
    BackwardTransforms,
    KernelGradient,
    InputGradient,
    InputAdjoint,
    BackwardEpilogue,
    Unpack,
    StemBackward,
    Reduce,
    Update,
    Pack,
}

impl Part {
    pub const ALL: [Part; 20] = [
        Part::Stem,
        Part::Normalise,
        Part::InputTransform,
        Part::Product,
        Part::OutputTransform,
        Part::Epilogue,
        Part::Moments,
        Part::Head,
        Part::Prologue,
        Part::BackwardNormalise,
        Part::BackwardTransforms,
        Part::KernelGradient,
        Part::InputGradient,
        Part::InputAdjoint,
        Part::BackwardEpilogue,
        Part::Unpack,
        Part::StemBackward,
        Part::Reduce,
        Part::Update,
        Part::Pack,
    ];
}

/// Adds up the time of each part, of one thread, by row (a stage); does nothing until it is started.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    last: Option<Duration>,
    row: usize,
    rows: Vec<[Duration; Part::ALL.len()]>,
}

impl Clock {
    pub fn start(&mut self) {
        self.last = Some(now());
        self.rows.clear();
    }

    /// The time since the last lap belongs to nothing; what follows belongs to `row`.
    #[inline]
    pub fn enter(&mut self, row: usize) {
        if self.last.is_some() {
            self.rows.resize(self.rows.len().max(row + 1), Default::default());
            self.row = row;
            self.last = Some(now());
        }
    }

    /// The time since the last lap belongs to `part`.
    #[inline]
    pub fn lap(&mut self, part: Part) {
        if let Some(last) = self.last {
            let time = now();
            self.rows[self.row][part as usize] += time - last;
            self.last = Some(time);
        }
    }

    pub fn rows(&self) -> &[[Duration; Part::ALL.len()]] {
        &self.rows
    }
}
