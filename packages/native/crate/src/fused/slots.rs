//! A batch is cut into slots of neighbouring images. Each slot has sums of its own, which are added in the order of the
//! slots; their number depends on the net and the batch alone. So any number of threads gives the same bits.

use crate::kernels::flushing_denormals;

pub const MOST_SLOTS: usize = 8;

/// Images of a slot (the last may have fewer) when `batch` images are cut into at most `slots`.
pub fn slot_images(batch: usize, slots: usize) -> usize {
    batch.div_ceil(slots.clamp(1, MOST_SLOTS))
}

/// Runs the jobs, each on one of the workers; worker i takes the i-th share of the jobs in order.
pub fn run<W: Send, J: Send>(workers: &mut [W], jobs: Vec<J>, job: impl Fn(&mut W, J) + Sync) {
    let share = jobs.len().div_ceil(workers.len()).max(1);
    if share >= jobs.len() {
        jobs.into_iter().for_each(|j| job(&mut workers[0], j));
        return;
    }
    let mut jobs = jobs.into_iter();
    std::thread::scope(|scope| {
        let (first, others) = workers.split_first_mut().expect("there is a worker");
        let mine: Vec<J> = jobs.by_ref().take(share).collect();
        for worker in others {
            let theirs: Vec<J> = jobs.by_ref().take(share).collect();
            let job = &job;
            if !theirs.is_empty() {
                scope.spawn(move || flushing_denormals(|| theirs.into_iter().for_each(|j| job(worker, j))));
            }
        }
        mine.into_iter().for_each(|j| job(first, j));
    });
}
