pub mod net;
pub mod reference;
