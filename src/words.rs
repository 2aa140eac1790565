//! A macro for an enum whose values each have a word: on the wire, in a settings file, or in a window.
//!
//! The word stands at the variant, so that none can be left out of the table, and from that one list come the enum, its `ALL`, and
//! the functions between value and word. Runs in the compiler.

/// Defines an enum and its words. The signatures after it name the function that returns a value's word, and, where there is one,
/// the function that returns the value of a word:
///
/// ```ignore
/// words! {
///     /// A side of the street.
///     pub enum Side { Left = "left", Right = "right" }
///     /// Returns the word on the map.
///     pub fn word(self) -> &'static str;
///     /// Returns the side for a word on the map.
///     pub fn from_word(word: &str) -> Option<Self>;
/// }
/// ```
macro_rules! words {
    (
        $(#[$about:meta])*
        $vis:vis enum $name:ident { $($(#[$about_variant:meta])* $variant:ident = $word:literal,)+ }
        $(#[$about_to:meta])*
        $vis_to:vis fn $to_word:ident(self) -> &'static str;
        $($(#[$about_from:meta])* $vis_from:vis fn $from_word:ident(word: &str) -> Option<Self>;)?
    ) => {
        $(#[$about])*
        $vis enum $name { $($(#[$about_variant])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the declaration.
            $vis const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            $(#[$about_to])*
            $vis_to fn $to_word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            $($(#[$about_from])* $vis_from fn $from_word(word: &str) -> Option<Self> {
                $name::ALL.into_iter().find(|value| value.$to_word() == word)
            })?
        }
    };
}
