//! Users to try a server with.

use super::tenant::Tenant;
use super::user::User;

/// Users that between them have every attribute of the default mapping, and spellings that go wrong easily.
pub fn sample(domain: &str) -> Tenant {
    let complete = User::new(&format!("jo.doe@{domain}"))
        .with("mailNickname", "jo.doe")
        .with("displayName", "Jo Doe")
        .with("givenName", "Jo")
        .with("surname", "Doe")
        .with("jobTitle", "Engineer")
        .with("mail", &format!("Jo.Doe@{domain}"))
        .with("preferredLanguage", "en-GB")
        .with("physicalDeliveryOfficeName", "Main st 1, room 7")
        .with("streetAddress", "Main st 1")
        .with("city", "Utrecht")
        .with("state", "Utrecht (province)")
        .with("postalCode", "3511 AA")
        .with("country", "the Netherlands")
        .with("telephoneNumber", "+31 30 123-4567")
        .with("mobile", "+31 6 1234 5678")
        .with("facsimileTelephoneNumber", "+31 30 765 4321")
        .with("employeeId", "000007")
        .with("department", "Research & Development");
    // a cloud-only account: no mail, no names
    let sparse = User::new(&format!("svc-scan@{domain}")).with("displayName", "svc-scan").with("mailNickname", "svc");
    let foreign = User::new(&format!("zoe.muller@{domain}"))
        .with("mailNickname", "zoë")
        .with("displayName", "Zoë Müller, 𝒟𝓇. “陳大文” ")
        .with("givenName", "Zoë")
        .with("surname", "O'Müller+Šmíd <x>; \"#\\=\"")
        .with("mail", &format!("zoe@{domain}"))
        .with("department", " leading and trailing ");
    Tenant::new([complete, sparse, foreign])
}
