use std::time::{Duration, Instant};

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
    last: Option<Instant>,
    row: usize,
    rows: Vec<[Duration; Part::ALL.len()]>,
}

impl Clock {
    pub fn start(&mut self) {
        self.last = Some(Instant::now());
        self.rows.clear();
    }

    /// The time since the last lap belongs to nothing; what follows belongs to `row`.
    #[inline]
    pub fn enter(&mut self, row: usize) {
        if self.last.is_some() {
            self.rows.resize(self.rows.len().max(row + 1), Default::default());
            self.row = row;
            self.last = Some(Instant::now());
        }
    }

    /// The time since the last lap belongs to `part`.
    #[inline]
    pub fn lap(&mut self, part: Part) {
        if let Some(last) = self.last {
            let now = Instant::now();
            self.rows[self.row][part as usize] += now - last;
            self.last = Some(now);
        }
    }

    pub fn rows(&self) -> &[[Duration; Part::ALL.len()]] {
        &self.rows
    }
}
