use tempfile::TempDir;

use crate::server::storage::sqlite::*;

/// Two versions of a small schema.
const OLD: Schema = Schema { application_id: 42, migrations: &["CREATE TABLE word (word TEXT)"] };
const NEW: Schema =
    Schema { migrations: &[OLD.migrations[0], "ALTER TABLE word ADD COLUMN count INTEGER NOT NULL DEFAULT 1"], ..OLD };

/// A folder that is gone afterwards, and a file in it that is not there yet.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("deeper/words.db")
    }

    /// Makes the file, with one word in it.
    fn filled() -> Folder {
        let folder = Folder::new();
        let (database, aside) = Database::open(&folder.file(), &OLD).unwrap();
        assert_eq!(aside, None);
        database.connection.execute("INSERT INTO word VALUES ('kept')", ()).unwrap();
        folder
    }

    fn why(&self, schema: &Schema) -> String {
        Database::open(&self.file(), schema).err().map(|why| why.to_string()).unwrap_or_default()
    }
}

fn words(connection: &Connection) -> Vec<String> {
    let mut words = connection.prepare("SELECT word FROM word").unwrap();
    words.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_was_written_is_there_when_it_is_opened_again_and_a_reader_sees_it() {
    let folder = Folder::filled();
    let (database, _) = Database::open(&folder.file(), &OLD).unwrap();
    assert_eq!(words(&database.connection), ["kept"]);
    assert_eq!(words(&reader(&database.file).unwrap()), ["kept"]);
}

#[test]
#[cfg(unix)]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::filled();
    let (database, _) = Database::open(&folder.file(), &OLD).unwrap();
    database.connection.execute("INSERT INTO word VALUES ('new')", ()).unwrap();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mode = fs::metadata(sibling(&database.file, suffix)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "words.db{suffix}");
    }
}

#[test]
fn a_migration_keeps_what_was_there_and_is_done_once() {
    let folder = Folder::filled();
    for _ in 0..2 {
        let (database, _) = Database::open(&folder.file(), &NEW).unwrap();
        let count: i64 = database.connection.query_row("SELECT count FROM word", (), |row| row.get(0)).unwrap();
        assert_eq!((words(&database.connection), count), (vec!["kept".to_owned()], 1));
    }
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = Folder::filled();
    drop(Database::open(&folder.file(), &NEW).unwrap());
    let why = folder.why(&OLD);
    assert!(why.contains("version 2, and this one knows up to 1"), "{why}");
    assert!(Database::open(&folder.file(), &NEW).is_ok(), "it was left as it was");
}

#[test]
fn two_servers_do_not_share_a_file() {
    let folder = Folder::filled();
    let (first, _) = Database::open(&folder.file(), &OLD).unwrap();
    assert!(folder.why(&OLD).contains("another server is using it"));
    drop(first);
    assert_eq!(folder.why(&OLD), "");
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    fs::write(folder.file(), "Dear Ann,\n").unwrap();
    assert!(folder.why(&OLD).contains("another program has made it"));
    assert_eq!(fs::read(folder.file()).unwrap(), b"Dear Ann,\n");
    assert!(!sibling(&folder.file(), ".lock").exists(), "nothing is left beside it");

    fs::remove_file(folder.file()).unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE cake (price INTEGER)").unwrap();
    assert!(folder.why(&OLD).contains("another program has made it"));
    let other = Schema { application_id: 43, ..OLD };
    let folder = Folder::filled();
    assert!(folder.why(&other).contains("another program has made it"), "a database of ours, of another kind");
}

#[test]
fn a_damaged_file_is_set_aside_with_its_bytes_as_they_were() {
    // Its start, and a table.
    for place in [0, 2 * 4096] {
        let folder = Folder::filled();
        let mut bytes = fs::read(folder.file()).unwrap();
        bytes[place..place + 100].fill(0xa5);
        fs::write(folder.file(), &bytes).unwrap();
        let (database, aside) = Database::open(&folder.file(), &OLD).unwrap();
        assert_eq!(words(&database.connection), [""; 0], "a new one");
        let aside = aside.unwrap_or_else(|| panic!("damage at byte {place} was not noticed"));
        assert!(fs::read(&aside).unwrap() == bytes, "{}", aside.display());
    }
}

#[test]
fn nothing_is_overwritten_by_what_is_set_aside() {
    let folder = Folder::filled();
    let first = quarantine(&folder.file()).unwrap();
    fs::write(folder.file(), "second").unwrap();
    let second = quarantine(&folder.file()).unwrap();
    assert_ne!(first, second);
    assert_eq!((fs::read(second).unwrap(), first.exists()), (b"second".to_vec(), true));
}

#[test]
fn a_place_where_nothing_can_be_written_is_told() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("deeper"), "a file, where a folder should be").unwrap();
    assert_ne!(folder.why(&OLD), "");
}

#[test]
fn a_creation_that_was_interrupted_leaves_no_file_and_the_next_one_begins_anew() {
    let interrupted = Schema { migrations: &["CREATE TABLE word (word TEXT); CREATE TABLE word (word TEXT)"], ..OLD };
    for open_shared in [false, true] {
        let folder = Folder::new();
        let open = |schema: &Schema| {
            if open_shared {
                Database::open_shared(&folder.file(), schema)
            } else {
                Database::open(&folder.file(), schema).map(|(database, _)| database)
            }
        };
        assert!(open(&interrupted).is_err());
        assert!(!folder.file().exists(), "an empty file would count as damaged");
        // The remains of a program that was killed.
        fs::write(sibling(&folder.file(), ".new"), "half a page").unwrap();
        fs::write(sibling(&folder.file(), ".new-journal"), "and its journal").unwrap();
        assert_eq!(words(&open(&OLD).unwrap().connection), [""; 0]);
        assert!(!sibling(&folder.file(), ".new").exists() && !sibling(&folder.file(), ".new-journal").exists());
    }
}
