//! What other bridges between SCIM and LDAP were seen to get wrong against a real OpenLDAP, and must not happen here.
//! Each case says what happened there. Outages, failover and stops have tests of their own.

mod groups;
mod lists;
mod names;
mod security;
mod statuses;
mod values;
