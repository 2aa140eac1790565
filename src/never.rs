//! A macro for the methods of a type without values, which stands for another one in a build without a feature: the callers
//! compile, and the compiler knows that none of the methods is ever called. Runs in the compiler.

/// Defines methods that are never called, from their signatures:
///
/// ```ignore
/// enum Nothing {}
///
/// never! {
///     impl Nothing {
///         fn len(&self) -> usize;
///     }
/// }
/// ```
macro_rules! never {
    (impl $type:ident { $($vis:vis fn $name:ident(&$self:ident $(, _: $argument:ty)*) $(-> $result:ty)?;)+ }) => {
        impl $type {
            $(
                /// Never called.
                $vis fn $name(&$self $(, _: $argument)*) $(-> $result)? {
                    match *$self {}
                }
            )+
        }
    };
}
