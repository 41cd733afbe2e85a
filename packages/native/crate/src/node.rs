//! The binding to Node.

use crate::planner::{self, Choice, PrecisionChoice};
use crate::program::{Hyper, Slot};
use crate::session::{Session, Worker};
use crate::simd::Precision;
use crate::spec::{Spec, size_of};
use napi::bindgen_prelude::{Env, Float32Array, Object, ToNapiValue};
use napi::{Error, JsDeferred, Result, Status};
use napi_derive::napi;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One way to compute, for `doctor`.
#[napi(object)]
pub struct NativePath {
    pub name: String,
    pub precision: String,
    /// Whether this processor has it.
    pub available: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// Version of the interface between the addon and the package; `src/load-addon.ts` has the same.
#[napi]
pub fn interface_version() -> u32 {
    2
}

/// Every path of this architecture, best first.
#[napi]
pub fn paths() -> Vec<NativePath> {
    let path = |support: planner::Support| NativePath {
        name: support.path.to_string(),
        precision: support.precision.to_string(),
        available: support.obstacle.is_none(),
        reason: support.obstacle,
    };
    planner::supports().into_iter().map(path).collect()
}

#[napi(object)]
pub struct NativeOptions {
    /// `auto`, `f32` or `bf16`.
    pub precision: String,
    pub path: Option<String>,
    /// At least 1.
    pub threads: u32,
}

impl NativeOptions {
    fn choice(&self) -> std::result::Result<Choice, String> {
        let precision = match self.precision.as_str() {
            "auto" => PrecisionChoice::Auto,
            "f32" => PrecisionChoice::Exactly(Precision::F32),
            "bf16" => PrecisionChoice::Exactly(Precision::Bf16),
            other => return Err(format!("precision is {other}; expected auto, f32 or bf16")),
        };
        let path = self.path.as_deref().map(str::parse).transpose()?;
        Ok(Choice { precision, path, threads: self.threads.max(1) as usize })
    }
}

fn fail(message: impl Into<String>) -> Error {
    Error::new(Status::GenericFailure, message.into())
}

/// A compiled training on a thread of its own. Calls run in order; each returns a promise.
#[napi]
pub struct NativeSession {
    session: Session,
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
        let choice = options.choice().map_err(fail)?;
        let program = catch_unwind(AssertUnwindSafe(|| planner::compile(spec, &choice)));
        let program = program.map_err(|_| fail("the network could not be compiled"))?.map_err(fail)?;
        let path = program.path();
        let session = Session::start(program).map_err(fail)?;
        Ok(NativeSession { session, path, sizes })
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
        if !images.len().is_multiple_of(image) {
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
            worker.close();
            Ok(())
        })
    }
}

impl NativeSession {
    fn submit<'env, T: ToNapiValue + Send + 'static>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&mut Worker) -> std::result::Result<T, String> + Send + 'static,
    ) -> Result<Object<'env>> {
        type Resolver<T> = Box<dyn FnOnce(Env) -> Result<T> + Send>;
        let (deferred, promise): (JsDeferred<T, Resolver<T>>, _) = env.create_deferred()?;
        let job = move |worker: &mut Worker| match work(worker) {
            Ok(value) => deferred.resolve(Box::new(move |_| Ok(value))),
            Err(error) => deferred.reject(fail(error)),
        };
        self.session.submit(job).map_err(fail)?;
        Ok(promise)
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
