//! A checksum of rows, independent of their order.

use super::table::Value;
use crate::secret;

/// The number of rows, and their digests combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    pub rows: u64,
    digest: [u8; 32],
}

impl Checksum {
    pub fn add(&mut self, row: &[Value]) {
        let mut bytes = Vec::new();
        for value in row {
            let (tag, value) = match value {
                Value::Uuid(it) => (b'u', it.map(|it| it.as_bytes().to_vec())),
                Value::Text(it) => (b't', it.as_ref().map(|it| it.as_bytes().to_vec())),
                Value::Int(it) => (b'i', it.map(|it| it.to_be_bytes().to_vec())),
                Value::Bool(it) => (b'b', it.map(|it| vec![u8::from(it)])),
                Value::Bytes(it) => (b'y', it.clone()),
                // PostgreSQL stores microseconds.
                Value::Time(it) => {
                    (b'm', it.map(|it| (it.unix_timestamp_nanos() / 1_000).to_be_bytes().to_vec()))
                }
            };
            bytes.push(tag);
            match value {
                None => bytes.extend_from_slice(&u64::MAX.to_be_bytes()),
                Some(value) => {
                    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
                    bytes.extend_from_slice(&value);
                }
            }
        }
        self.rows += 1;
        for (sum, byte) in self.digest.iter_mut().zip(secret::sha256(&bytes)) {
            *sum ^= byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_depends_on_the_rows_but_not_on_their_order() {
        let row = |text: &str, number| vec![Value::Text(Some(text.into())), Value::Int(number)];
        let sum = |rows: &[Vec<Value>]| {
            let mut sum = Checksum::default();
            for row in rows {
                sum.add(row);
            }
            sum
        };
        let (one, two) = (row("a", Some(1)), row("b", None));
        assert_eq!(sum(&[one.clone(), two.clone()]), sum(&[two.clone(), one.clone()]));
        assert_ne!(sum(&[one.clone(), two.clone()]), sum(std::slice::from_ref(&one)));
        assert_ne!(sum(&[row("b", Some(0))]), sum(std::slice::from_ref(&two)), "NULL is not zero");
        assert_ne!(sum(&[row("", None)]), sum(&[vec![Value::Text(None), Value::Int(None)]]));
        let split =
            |a: &str, b: &str| vec![Value::Text(Some(a.into())), Value::Text(Some(b.into()))];
        assert_ne!(sum(&[split("ab", "c")]), sum(&[split("a", "bc")]));
    }
}
