//! Parses the arguments, runs the command, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Nothing else may choose a cryptographic provider. It is only refused when one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    scim_ldap_bridge::cli::main()
}
