//! Schemas and resource types as data, RFC 7643 sections 6 and 7. What RFC 7643 defines is in [`catalog`]; what a
//! bridge serves is a [`ResourceType`] made of parts of it.

mod build;
pub mod catalog;
pub(in crate::scim) mod coerce;
mod find;
mod read;
mod render;

pub use find::Found;

/// The type of an attribute's values, RFC 7643 section 2.3.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant, as xsd:dateTime.
    DateTime,
    /// A URI, or a reference to a resource.
    Reference,
    /// Bytes, as base64.
    Binary,
    /// An object of sub-attributes.
    Complex,
}

/// When a value may be written, RFC 7643 section 7.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mutability {
    /// Never by the client.
    ReadOnly,
    /// At any time.
    ReadWrite,
    /// Once.
    Immutable,
    /// At any time, and never read.
    WriteOnly,
}

/// When a value is returned, RFC 7643 section 7.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Returned {
    /// In every answer.
    Always,
    /// In none.
    Never,
    /// Unless the client excludes it or asks for others.
    Default,
    /// Only when asked for.
    Request,
}

/// Among what a value is unique, RFC 7643 section 7.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Uniqueness {
    /// Nothing.
    None,
    /// The resources of one endpoint.
    Server,
    /// The world.
    Global,
}

/// One attribute or sub-attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribute {
    /// Its name, in canonical spelling.
    pub name: String,
    /// The type of its values.
    pub kind: Kind,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// What it is for.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Suggested values. For the `type` of a multi-valued attribute these are the mapped types, and elements of any
    /// other type are unmapped.
    pub canonical_values: Vec<String>,
    /// Whether upper and lower case differ.
    pub case_exact: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Among what its values are unique.
    pub uniqueness: Uniqueness,
    /// What a reference may point at.
    pub reference_types: Vec<String>,
    /// What a complex value is made of.
    pub sub_attributes: Vec<Attribute>,
    /// Parts that follow from `value`, such as the `$ref` and `display` of a member (RFC 7643 section 4.2). Clients may
    /// send them; those that are not among the sub-attributes are taken without a word, since nothing is lost.
    pub derived: Vec<String>,
}

/// A named set of attributes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// A kind of resource: where it is served and which attributes it has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResourceType {
    /// Such as `User`.
    pub name: String,
    /// Such as `/Users`.
    pub endpoint: String,
    /// What it is for.
    pub description: String,
    /// The core schema.
    pub schema: Schema,
    /// What else its resources may hold.
    pub extensions: Vec<Schema>,
}
