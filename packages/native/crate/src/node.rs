//! The binding to Node: each session owns a thread, so that a step neither blocks the event loop nor takes a place in
//! libuv's pool, and processor state (AMX tiles, flushing of denormals) stays with the thread.

use crate::planner::{self, Choice};
use crate::program::{Hyper, Program, Slot};
use crate::spec::{Spec, size_of};
use napi::bindgen_prelude::{Env, Float32Array, Object, ToNapiValue};
use napi::{Error, JsDeferred, Result, Status};
use napi_derive::napi;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};

/// One way to compute, for `doctor`.
#[napi(object)]
pub struct NativePath {
    pub name: String,
    pub precision: String,
    pub available: bool,
}

/// Every path of this architecture, best first.
#[napi]
pub fn paths() -> Vec<NativePath> {
    let path = |path: planner::Path| NativePath {
        name: path.name.into(),
        precision: path.precision.into(),
        available: path.available,
    };
    planner::paths().into_iter().map(path).collect()
}

#[napi(object)]
pub struct NativeOptions {
    pub precision: Option<String>,
    pub path: Option<String>,
    pub threads: u32,
}

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// What lives on a session's thread.
struct Worker {
    /// `None` after the session was closed.
    program: Option<Box<dyn Program>>,
    /// Why the program cannot go on: a panic left it in the middle of a step.
    failure: Option<String>,
}

impl Worker {
    /// Runs `work`; a panic becomes an error, and every later call fails with it.
    fn run<T>(&mut self, work: impl FnOnce(&mut dyn Program) -> T) -> Result<T> {
        let Some(program) = self.program.as_mut() else { return Err(fail("the session is closed")) };
        if let Some(failure) = &self.failure {
            return Err(fail(format!("the session failed before: {failure}")));
        }
        catch_unwind(AssertUnwindSafe(|| work(program.as_mut()))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
            fail(self.failure.insert(text.unwrap_or_else(|| "unknown panic".into())).as_str())
        })
    }
}

fn fail(message: impl Into<String>) -> Error {
    Error::new(Status::GenericFailure, message.into())
}

/// A compiled training on a thread of its own. Calls run in order; each returns a promise.
#[napi]
pub struct NativeSession {
    jobs: Sender<Job>,
    path: String,
    /// Floats of all tensors, of the parameters alone, and of one image.
    sizes: Sizes,
}

#[derive(Clone)]
struct Sizes {
    tensors: Vec<usize>,
    parameters: usize,
    image: usize,
    classes: usize,
    batch: usize,
}

impl Sizes {
    /// The tensors of a slot and their lengths.
    fn of(&self, slot: Slot) -> &[usize] {
        if slot == Slot::Value { &self.tensors } else { &self.tensors[..self.parameters] }
    }
}

#[napi]
impl NativeSession {
    /// @param spec the network as JSON
    #[napi(constructor)]
    pub fn new(spec: String, options: NativeOptions) -> Result<NativeSession> {
        let spec = Spec::parse(&spec).map_err(fail)?;
        let sizes = Sizes {
            tensors: (0..spec.tensor_count()).map(|number| size_of(&spec.tensor(number).shape)).collect(),
            parameters: spec.parameters.len(),
            image: size_of(&spec.input_shape),
            classes: spec.classes,
            batch: spec.batch_size,
        };
        let NativeOptions { precision, path, threads } = options;
        let choice = Choice { precision, path, threads: threads as usize };
        let program = catch_unwind(AssertUnwindSafe(|| planner::compile(spec, &choice)));
        let program = program.map_err(|_| fail("the network could not be compiled"))?.map_err(fail)?;
        let path = program.path();
        let (jobs, received) = channel::<Job>();
        let thread = std::thread::Builder::new().name("mnist-native".into()).stack_size(4 << 20);
        let serve = move || {
            let mut worker = Worker { program: Some(program), failure: None };
            while worker.program.is_some() {
                match received.recv() {
                    Ok(job) => job(&mut worker),
                    Err(_) => break,
                }
            }
        };
        thread.spawn(serve).map_err(|error| fail(format!("no thread for the session: {error}")))?;
        Ok(NativeSession { jobs, path, sizes })
    }

    #[napi(getter)]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `images` and `targets` are copied before the call returns. `step` counts from 1. Resolves to the mean loss.
    #[napi(ts_return_type = "Promise<number>")]
    #[allow(clippy::too_many_arguments)] // one step's input, without the cost of an object
    pub fn step<'env>(
        &self,
        env: &'env Env,
        images: &[f32],
        targets: &[f32],
        learning_rate: f64,
        momentum: f64,
        weight_decay: f64,
        step: f64,
    ) -> Result<Object<'env>> {
        let Sizes { image, classes, batch, .. } = self.sizes;
        let count = images.len() / image;
        let fits = images.len() == count * image && targets.len() == count * classes;
        if !fits || count < 1 || count > batch || step < 1.0 {
            return Err(fail(format!(
                "{} pixels and {} targets at step {step}",
                images.len(),
                targets.len()
            )));
        }
        let (images, targets) = (images.to_vec(), targets.to_vec());
        let hyper = Hyper {
            learning_rate: learning_rate as f32,
            momentum: momentum as f32,
            weight_decay: weight_decay as f32,
        };
        self.submit(env, move |worker| {
            worker.run(|program| program.step(&images, &targets, &hyper, step as u64) as f64)
        })
    }

    /// Resolves to the logits [images, classes].
    #[napi(ts_return_type = "Promise<Float32Array>")]
    pub fn predict<'env>(&self, env: &'env Env, images: &[f32]) -> Result<Object<'env>> {
        let Sizes { image, classes, .. } = self.sizes;
        if images.len() % image != 0 {
            return Err(fail(format!("{} pixels are no multiple of {image}", images.len())));
        }
        let images = images.to_vec();
        self.submit(env, move |worker| {
            let mut logits = vec![0f32; images.len() / image * classes];
            worker.run(|program| program.predict(&images, &mut logits))?;
            Ok(Float32Array::new(logits))
        })
    }

    /// All tensors of a slot (0 the values, 1 and 2 the optimiser's) one after the other.
    #[napi(ts_return_type = "Promise<Float32Array>")]
    pub fn read<'env>(&self, env: &'env Env, slot: u32) -> Result<Object<'env>> {
        let (slot, sizes) = (slot_of(slot)?, self.sizes.clone());
        self.submit(env, move |worker| {
            let sizes = sizes.of(slot);
            let mut values = vec![0f32; sizes.iter().sum()];
            worker.run(|program| {
                let mut rest = &mut values[..];
                for (tensor, &size) in sizes.iter().enumerate() {
                    let (out, after) = rest.split_at_mut(size);
                    program.read(slot, tensor, out);
                    rest = after;
                }
            })?;
            Ok(Float32Array::new(values))
        })
    }

    /// The reverse of `read`.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn write<'env>(&self, env: &'env Env, slot: u32, values: &[f32]) -> Result<Object<'env>> {
        let (slot, sizes, values) = (slot_of(slot)?, self.sizes.clone(), values.to_vec());
        if values.len() != sizes.of(slot).iter().sum::<usize>() {
            return Err(fail(format!("{} values do not fill the slot", values.len())));
        }
        self.submit(env, move |worker| {
            worker.run(|program| {
                let mut rest = &values[..];
                for (tensor, &size) in sizes.of(slot).iter().enumerate() {
                    let (own, after) = rest.split_at(size);
                    program.write(slot, tensor, own);
                    rest = after;
                }
            })
        })
    }

    /// Frees the memory and ends the thread after the calls before it.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.submit(env, |worker| {
            // Dropped under the guard too: nothing may unwind out of the thread.
            let program = worker.program.take();
            catch_unwind(AssertUnwindSafe(|| drop(program)))
                .map_err(|_| fail("the session's memory was not freed"))
        })
    }
}

impl NativeSession {
    fn submit<'env, T: ToNapiValue + Send + 'static>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&mut Worker) -> Result<T> + Send + 'static,
    ) -> Result<Object<'env>> {
        type Resolver<T> = Box<dyn FnOnce(Env) -> Result<T> + Send>;
        let (deferred, promise): (JsDeferred<T, Resolver<T>>, _) = env.create_deferred()?;
        let job: Job = Box::new(move |worker| match work(worker) {
            Ok(value) => deferred.resolve(Box::new(move |_| Ok(value))),
            Err(error) => deferred.reject(error),
        });
        match self.jobs.send(job) {
            Ok(()) => Ok(promise),
            Err(_) => Err(fail("the session is closed")),
        }
    }
}

fn slot_of(number: u32) -> Result<Slot> {
    match number {
        0 => Ok(Slot::Value),
        1 => Ok(Slot::First),
        2 => Ok(Slot::Second),
        _ => Err(fail(format!("slot {number}"))),
    }
}
