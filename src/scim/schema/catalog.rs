//! The attributes that RFC 7643 defines: the core user and group (sections 4.1, 4.2), the enterprise extension
//! (section 4.3), and those common to all resources (section 3.1). The mapping picks from these.
//!
//! What a directory can store is not known here.

use std::sync::LazyLock;

use super::super::{Path, name};
use super::Mutability::{Immutable, ReadOnly, WriteOnly};
use super::{Attribute, Found, Kind, ResourceType, Returned, Schema, Uniqueness};

/// The core user, RFC 7643 section 4.1, with `externalId` of section 3.1.
pub fn user() -> Schema {
    let mut attributes = vec![
        external_id(),
        Attribute::string("userName", "Name that identifies the user to the service")
            .required()
            .unique(Uniqueness::Server)
            .returned(Returned::Always),
        person_name(),
        Attribute::string("displayName", "Name of the user, suitable for display"),
        Attribute::string("nickName", "Casual name"),
        Attribute::reference("profileUrl", &["external"], "Page about the user"),
        Attribute::string("title", "Job title"),
        Attribute::string("userType", "Relationship to the organization, such as `Employee`"),
        Attribute::string("preferredLanguage", "Language for user interfaces, such as `en-US`"),
        Attribute::string("locale", "Locale for dates and numbers, such as `en-US`"),
        Attribute::string("timezone", "Time zone, such as `Europe/Amsterdam`"),
        Attribute::boolean("active", "Whether the user may use the service"),
        Attribute::string("password", "Clear text password, to be set only")
            .case_exact()
            .mutability(WriteOnly)
            .returned(Returned::Never),
    ];
    attributes.extend(user_lists());
    Schema::new(name::USER, "User", "User account", attributes)
}

/// The enterprise extension of the user, RFC 7643 section 4.3.
pub fn enterprise_user() -> Schema {
    let manager = Attribute::complex(
        "manager",
        "The user's manager",
        vec![
            Attribute::string("value", "The `id` of the manager").case_exact(),
            Attribute::reference("$ref", &["User"], "The address of the manager"),
            Attribute::string("displayName", "The name of the manager").read_only(),
        ],
    )
    .derived(&["$ref", "displayName"]);
    let attributes = vec![
        Attribute::string("employeeNumber", "Number or code within the organization"),
        Attribute::string("costCenter", "Cost center"),
        Attribute::string("organization", "Organization"),
        Attribute::string("division", "Division"),
        Attribute::string("department", "Department"),
        manager,
    ];
    Schema::new(name::ENTERPRISE_USER, "EnterpriseUser", "What an organization records of a user", attributes)
}

/// The core group, RFC 7643 section 4.2, with `externalId` of section 3.1.
pub fn group() -> Schema {
    let members = list(
        "members",
        "The members of the group",
        vec![
            Attribute::string("value", "The `id` of the member").case_exact().mutability(Immutable),
            Attribute::reference("$ref", &["User", "Group"], "The address of the member").mutability(Immutable),
            Attribute::string("display", "The name of the member").read_only(),
            Attribute::string("type", "What the member is").canonical(&["User", "Group"]).mutability(Immutable),
        ],
    )
    .derived(&["$ref", "display", "displayName", "type"]);
    let display_name = Attribute::string("displayName", "Name of the group, suitable for display").required();
    Schema::new(name::GROUP, "Group", "Group", vec![external_id(), display_name, members])
}

/// A resource type of users with every attribute of the catalog.
pub fn user_type() -> ResourceType {
    ResourceType {
        name: "User".into(),
        endpoint: "/Users".into(),
        description: "User account".into(),
        schema: user(),
        extensions: vec![enterprise_user()],
    }
}

/// A resource type of groups with every attribute of the catalog.
pub fn group_type() -> ResourceType {
    ResourceType {
        name: "Group".into(),
        endpoint: "/Groups".into(),
        description: "Group".into(),
        schema: group(),
        extensions: Vec::new(),
    }
}

/// The catalog's schema of that URN, case-blind.
pub fn schema(urn: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
}

/// The catalog's attribute, and its sub-attribute if one is named.
pub fn attribute(urn: &str, attr: &str, sub: Option<&str>) -> Option<&'static Attribute> {
    let attr = schema(urn)?.attribute(attr)?;
    match sub {
        Some(sub) => attr.sub_attribute(sub),
        None => Some(attr),
    }
}

/// What a path means in a resource of the given core schema with every attribute of the catalog.
pub fn find(core: &str, path: &Path) -> Option<Found<'static>> {
    TYPES.iter().find(|rt| rt.schema.id.eq_ignore_ascii_case(core))?.find(path)
}

/// `id`, `meta` and `schemas`, which every resource has and no client writes, RFC 7643 section 3.1.
pub fn built_in() -> &'static Schema {
    &BUILT_IN
}

static SCHEMAS: LazyLock<[Schema; 3]> = LazyLock::new(|| [user(), enterprise_user(), group()]);
static TYPES: LazyLock<[ResourceType; 2]> = LazyLock::new(|| [user_type(), group_type()]);

static BUILT_IN: LazyLock<Schema> = LazyLock::new(|| {
    let meta = vec![
        Attribute::string("resourceType", "The resource type's name").case_exact().read_only(),
        Attribute::new("created", Kind::DateTime, "When the resource was made").read_only(),
        Attribute::new("lastModified", Kind::DateTime, "When the resource was last changed").read_only(),
        Attribute::reference("location", &["uri"], "The address of the resource").read_only(),
        Attribute::string("version", "The version of the resource").case_exact().read_only(),
    ];
    let attributes = vec![
        Attribute::string("id", "What identifies the resource for good")
            .case_exact()
            .read_only()
            .returned(Returned::Always)
            .unique(Uniqueness::Server),
        Attribute::complex("meta", "Facts about the resource", meta).read_only(),
        Attribute::reference("schemas", &["uri"], "The schemas in use")
            .multi_valued()
            .read_only()
            .returned(Returned::Always),
    ];
    Schema::new("", "Common", "What every resource has", attributes)
});

/// The client's own identifier, RFC 7643 section 3.1.
fn external_id() -> Attribute {
    Attribute::string("externalId", "Identifier that the provisioning client chose").case_exact()
}

fn person_name() -> Attribute {
    let parts = vec![
        Attribute::string("formatted", "Whole name, as it is displayed"),
        Attribute::string("familyName", "Family name"),
        Attribute::string("givenName", "Given name"),
        Attribute::string("middleName", "Middle name"),
        Attribute::string("honorificPrefix", "Title before the name"),
        Attribute::string("honorificSuffix", "Suffix behind the name"),
    ];
    Attribute::complex("name", "Parts of the user's name", parts)
}

/// The multi-valued attributes of the user, RFC 7643 section 4.1.2.
fn user_lists() -> Vec<Attribute> {
    let photo = Attribute::reference("value", &["external"], "Address of the picture");
    let certificate = Attribute::new("value", Kind::Binary, "DER certificate, as base64");
    vec![
        typed("emails", "Mail addresses", text_value("Mail address"), &["work", "home", "other"]),
        typed(
            "phoneNumbers",
            "Telephone numbers",
            text_value("Telephone number"),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        typed(
            "ims",
            "Instant messaging addresses",
            text_value("Messaging address"),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        typed("photos", "Pictures", photo, &["photo", "thumbnail"]),
        addresses(),
        groups(),
        typed("entitlements", "Things the user may have", text_value("Entitlement"), &[]),
        typed("roles", "Roles of the user", text_value("Role"), &[]),
        typed("x509Certificates", "Certificates of the user", certificate, &[]),
    ]
}

fn addresses() -> Attribute {
    let parts = vec![
        Attribute::string("formatted", "Whole address, as it is displayed"),
        Attribute::string("streetAddress", "Street, house number, post box"),
        Attribute::string("locality", "City"),
        Attribute::string("region", "State or region"),
        Attribute::string("postalCode", "Postal code"),
        Attribute::string("country", "Country"),
        type_label(&["work", "home", "other"]),
        primary(),
    ];
    list("addresses", "Postal addresses", parts)
}

fn groups() -> Attribute {
    let parts = vec![
        Attribute::string("value", "The `id` of the group").case_exact().mutability(ReadOnly),
        Attribute::reference("$ref", &["Group"], "The address of the group").read_only(),
        Attribute::string("display", "The name of the group").read_only(),
        type_label(&["direct", "indirect"]).read_only(),
    ];
    list("groups", "Groups the user is in; changed through the group", parts).read_only()
}

fn text_value(description: &str) -> Attribute {
    Attribute::string("value", description)
}

/// A list of `value`, `display`, `type`, `primary`, RFC 7643 section 2.4.
fn typed(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    let display = Attribute::string("display", "Name for display");
    list(name, description, vec![value, display, type_label(types), primary()])
}

fn list(name: &str, description: &str, parts: Vec<Attribute>) -> Attribute {
    Attribute::complex(name, description, parts).multi_valued()
}

fn type_label(types: &[&str]) -> Attribute {
    Attribute::string("type", "Label of the value").canonical(types)
}

fn primary() -> Attribute {
    Attribute::boolean("primary", "Whether this is the preferred value; true of at most one")
}
