use super::{Cursor, Summary};
use domain::RecipientId;

#[test]
fn cursors_survive_the_way_to_the_client_and_back() {
    let summary = Summary { rights: 5, unused: 3, never_used: 2, ended: 1 };
    for after in [None, Some(RecipientId(77))] {
        let cursor = Cursor { after, summary };
        assert_eq!(Cursor::from_text(&cursor.to_text()), Some(cursor));
    }
    for text in ["", "1.2.3.4", "1.2.3.4.5.6", "a.1.1.1.1", "1.-1.0.0.0"] {
        assert_eq!(Cursor::from_text(text), None, "{text}");
    }
}
