//! The configuration: environment variables and a `.env` file, parsed once at the start. All problems are reported together.

mod env_file;
mod environment;
mod load;
mod parts;
mod problems;
#[cfg(test)]
mod reference;
mod risk;
mod secret_file;
mod settings;
#[cfg(test)]
mod tests;
mod value_file;
mod variables;

pub use self::problems::{Loaded, Problems};
pub use self::secret_file::SecretFile;
pub use self::settings::{
    Config, JwtConfig, Lifetimes, LogFormat, PasswordConfig, Registration, RemoteUser,
};
#[cfg(test)]
pub use self::variables::is_known as is_variable;
pub use self::variables::manual;
