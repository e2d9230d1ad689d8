//! Making attributes one trait at a time; the catalog and the mapping's own attributes are written with these.

use super::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness};

impl Attribute {
    /// An optional, single, readable and writable attribute that ignores case where it is text.
    pub fn new(name: &str, kind: Kind, description: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: description.to_owned(),
            required: false,
            canonical_values: Vec::new(),
            case_exact: matches!(kind, Kind::Reference | Kind::Binary),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
            derived: Vec::new(),
        }
    }

    /// A text attribute.
    pub fn string(name: &str, description: &str) -> Attribute {
        Attribute::new(name, Kind::String, description)
    }

    /// A boolean attribute.
    pub fn boolean(name: &str, description: &str) -> Attribute {
        Attribute::new(name, Kind::Boolean, description)
    }

    /// A reference to any of the given types (`external`, `uri`, or names of resource types).
    pub fn reference(name: &str, types: &[&str], description: &str) -> Attribute {
        let reference_types = types.iter().map(|&name| name.to_owned()).collect();
        Attribute { reference_types, ..Attribute::new(name, Kind::Reference, description) }
    }

    /// A complex attribute.
    pub fn complex(name: &str, description: &str, sub_attributes: Vec<Attribute>) -> Attribute {
        Attribute { sub_attributes, ..Attribute::new(name, Kind::Complex, description) }
    }

    /// The same attribute with a list of values.
    pub fn multi_valued(mut self) -> Attribute {
        self.multi_valued = true;
        self
    }

    /// The same attribute, which a resource must have.
    pub fn required(mut self) -> Attribute {
        self.required = true;
        self
    }

    /// The same attribute, for which case matters.
    pub fn case_exact(mut self) -> Attribute {
        self.case_exact = true;
        self
    }

    /// The same attribute with another mutability.
    pub fn mutability(mut self, mutability: Mutability) -> Attribute {
        self.mutability = mutability;
        self
    }

    /// The same attribute, which clients cannot write.
    pub fn read_only(self) -> Attribute {
        self.mutability(Mutability::ReadOnly)
    }

    /// The same attribute, returned at other times.
    pub fn returned(mut self, returned: Returned) -> Attribute {
        self.returned = returned;
        self
    }

    /// The same attribute, unique among other values.
    pub fn unique(mut self, uniqueness: Uniqueness) -> Attribute {
        self.uniqueness = uniqueness;
        self
    }

    /// The same attribute with suggested values.
    pub fn canonical(mut self, values: &[&str]) -> Attribute {
        self.canonical_values = values.iter().map(|&value| value.to_owned()).collect();
        self
    }

    /// The same attribute with names of parts that follow from `value`.
    pub fn derived(mut self, names: &[&str]) -> Attribute {
        self.derived = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Whether a part of that name, case-blind, follows from `value`.
    pub fn is_derived(&self, name: &str) -> bool {
        self.derived.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The sub-attribute of that name, case-blind.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }
}

impl Schema {
    /// A schema of the given attributes.
    pub fn new(id: &str, name: &str, description: &str, attributes: Vec<Attribute>) -> Schema {
        Schema { id: id.to_owned(), name: name.to_owned(), description: description.to_owned(), attributes }
    }

    /// The attribute of that name, case-blind.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attr| attr.name.eq_ignore_ascii_case(name))
    }
}
