//! Directories of other kinds than OpenLDAP, each with the mapping that is shipped for it.

mod ds389;
