//! A thread that owns a program: a step neither blocks Node's event loop nor takes a place in libuv's pool, and the state
//! of the processor (AMX tiles, flushing of denormals) stays with the thread.

use crate::program::Program;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// What lives on the thread.
pub struct Worker {
    /// `None` after the session was closed.
    program: Option<Box<dyn Program>>,
    /// Why the program cannot go on: a panic left it in the middle of a step.
    failure: Option<String>,
}

/// Jobs run in their order. The thread ends when the session is closed or dropped.
pub struct Session {
    jobs: Sender<Job>,
}

impl Session {
    pub fn start(program: Box<dyn Program>) -> Result<Session, String> {
        let (jobs, received) = channel::<Job>();
        let thread = std::thread::Builder::new().name("mnist-native".into());
        let serve = move || {
            let mut worker = Worker { program: Some(program), failure: None };
            while worker.program.is_some() {
                let Ok(job) = received.recv() else { break };
                job(&mut worker);
            }
            worker.close();
        };
        thread.spawn(serve).map_err(|error| format!("no thread for the session: {error}"))?;
        Ok(Session { jobs })
    }

    /// Fails when the session was closed. `job` must not panic: it runs the program through `Worker::run`.
    pub fn submit(&self, job: impl FnOnce(&mut Worker) + Send + 'static) -> Result<(), String> {
        self.jobs.send(Box::new(job)).map_err(|_| "the session is closed".into())
    }
}

impl Worker {
    /// Runs `work`; a panic becomes an error, and every later call fails with it.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut dyn Program) -> T) -> Result<T, String> {
        let Some(program) = self.program.as_mut() else { return Err("the session is closed".into()) };
        if let Some(failure) = &self.failure {
            return Err(format!("the session failed before: {failure}"));
        }
        catch_unwind(AssertUnwindSafe(|| work(program.as_mut()))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
            self.failure.insert(text.unwrap_or_else(|| "unknown panic".into())).clone()
        })
    }

    /// Frees the program. Under guard too: nothing may unwind out of the thread.
    pub fn close(&mut self) {
        let program = self.program.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(program)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Hyper, Slot};

    struct Fragile;
    impl Program for Fragile {
        fn step(&mut self, _: &[f32], _: &[f32], _: &Hyper, step: u64) -> f32 {
            assert!(step < 2, "step {step} fails");
            0.5
        }
        fn predict(&mut self, _: &[f32], _: &mut [f32]) {}
        fn read(&self, _: Slot, _: usize, _: &mut [f32]) {}
        fn write(&mut self, _: Slot, _: usize, _: &[f32]) {}
        fn path(&self) -> String {
            "fragile".into()
        }
    }

    fn step(session: &Session, step: u64) -> Result<f32, String> {
        let (sender, receiver) = channel();
        let hyper = Hyper { learning_rate: 0.0, momentum: 0.0, weight_decay: 0.0 };
        session.submit(move |worker| {
            let result = worker.run(|program| program.step(&[], &[], &hyper, step));
            sender.send(result).expect("the test waits");
        })?;
        receiver.recv().expect("the thread answers")
    }

    #[test]
    fn a_panic_is_an_error_and_so_is_every_call_after_it() {
        let session = Session::start(Box::new(Fragile)).unwrap();
        assert_eq!(step(&session, 1), Ok(0.5));
        assert_eq!(step(&session, 2), Err("step 2 fails".into()));
        assert_eq!(step(&session, 1), Err("the session failed before: step 2 fails".into()));
    }

    #[test]
    fn a_closed_session_takes_no_calls() {
        let session = Session::start(Box::new(Fragile)).unwrap();
        session.submit(Worker::close).unwrap();
        let refused = (0..1000).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            session.submit(|_| {}).err()
        });
        assert_eq!(refused, Some("the session is closed".into()));
    }
}
