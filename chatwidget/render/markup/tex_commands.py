"""The commands of TeX that formulas are written with: they draw, each within its formula.

What is not here is not typeset: what makes links, styles, labels, colours or macros, which hold for
other formulas of the page, too; what reads files; what moves things away from their place; and what
a typesetter draws several times.
"""

from __future__ import annotations

__all__ = ["COMMANDS", "COSTLY_COMMANDS", "ENVIRONMENTS", "SWITCHES"]

_LETTERS = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
upsilon phi chi psi omega varepsilon vartheta varpi varrho varsigma varphi digamma varkappa Gamma
Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega varGamma varDelta varTheta varLambda varXi
varPi varSigma varUpsilon varPhi varPsi varOmega upalpha upbeta upgamma updelta upepsilon uptheta
uplambda upmu upnu uppi uprho upsigma uptau upphi uppsi upomega aleph beth gimel daleth hbar hslash
imath jmath ell wp Re Im eth mho complement Bbbk Finv Game S P
"""
_SYMBOLS = """
partial infty prime backprime emptyset varnothing nabla top bot angle measuredangle sphericalangle
triangle triangledown backslash forall exists nexists neg lnot flat natural sharp clubsuit
diamondsuit heartsuit spadesuit surd square Box blacksquare lozenge Diamond blacklozenge bigstar
blacktriangle blacktriangledown circledS circledR checkmark maltese diagup diagdown yen dagger
ddagger ldots cdots vdots ddots dots dotsc dotsb dotsm dotsi dotso ldotp cdotp colon centerdot And
degree celsius micro ohm perthousand textdegree
"""
_OPERATORS = """
coprod bigvee bigwedge biguplus bigcap bigcup int intop iint iiint iiiint idotsint oint prod sum
bigotimes bigoplus bigodot bigsqcup smallint wedge land vee lor cap cup sqcap sqcup uplus amalg
diamond bullet wr div odot oslash otimes ominus oplus mp pm circ bigcirc setminus smallsetminus cdot
ast times star triangleleft triangleright bigtriangleup bigtriangledown dotplus ltimes rtimes Cap
Cup doublecap doublecup leftthreetimes rightthreetimes barwedge doublebarwedge curlywedge veebar
curlyvee boxminus boxtimes boxdot boxplus circledast circledcirc circleddash divideontimes intercal
arcsin arccos arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim liminf
limsup ln log max min Pr projlim sec sin sinh sup tan tanh bmod pmod mod pod
"""
_RELATIONS = """
propto varpropto sqsubseteq sqsupseteq sqsubset sqsupset parallel nparallel shortparallel mid nmid
shortmid nshortmid dashv vdash Vdash vDash Vvdash nvdash nvDash nVdash nVDash models leq le geq ge
lt gt ne neq leqq geqq leqslant geqslant eqslantless eqslantgtr lesssim gtrsim lessapprox gtrapprox
lessdot gtrdot lll llless ggg gggtr ll gg lessgtr gtrless lesseqgtr gtreqless lesseqqgtr gtreqqless
nless ngtr nleq ngeq nleqslant ngeqslant nleqq ngeqq lneq gneq lneqq gneqq lvertneqq gvertneqq lnsim
gnsim lnapprox gnapprox prec succ preceq succeq preccurlyeq succcurlyeq curlyeqprec curlyeqsucc
precsim succsim precapprox succapprox nprec nsucc npreceq nsucceq precneqq succneqq precnsim
succnsim precnapprox succnapprox subset supset subseteq supseteq subseteqq supseteqq Subset Supset
subsetneq supsetneq varsubsetneq varsupsetneq subsetneqq supsetneqq varsubsetneqq varsupsetneqq
nsubseteq nsupseteq nsubseteqq nsupseteqq in ni notin owns sim nsim simeq approx approxeq
thickapprox thicksim backsim backsimeq eqsim cong ncong equiv asymp doteq doteqdot Doteq eqcirc
circeq triangleq risingdotseq fallingdotseq bumpeq Bumpeq bowtie Join smile frown smallsmile
smallfrown perp between pitchfork backepsilon therefore because lhd rhd unlhd unrhd vartriangle
vartriangleleft vartriangleright trianglelefteq trianglerighteq ntriangleleft ntriangleright
ntrianglelefteq ntrianglerighteq blacktriangleleft blacktriangleright coloneqq eqqcolon vcentcolon
not
"""
_ARROWS = """
leftarrow gets rightarrow to leftrightarrow Leftarrow Rightarrow Leftrightarrow longleftarrow
longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow mapsto longmapsto
implies impliedby iff uparrow downarrow updownarrow Uparrow Downarrow Updownarrow nearrow searrow
swarrow nwarrow hookleftarrow hookrightarrow leftharpoonup leftharpoondown rightharpoonup
rightharpoondown rightleftharpoons leftrightharpoons leftleftarrows rightrightarrows leftrightarrows
rightleftarrows Lleftarrow Rrightarrow twoheadleftarrow twoheadrightarrow leftarrowtail
rightarrowtail looparrowleft looparrowright curvearrowleft curvearrowright circlearrowleft
circlearrowright Lsh Rsh upuparrows downdownarrows upharpoonleft upharpoonright downharpoonleft
downharpoonright restriction multimap leftrightsquigarrow rightsquigarrow leadsto dashleftarrow
dashrightarrow nleftarrow nrightarrow nleftrightarrow nLeftarrow nRightarrow nLeftrightarrow
"""
_DELIMITERS = """
left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm
Biggm lbrace rbrace lbrack rbrack lparen rparen langle rangle lceil rceil lfloor rfloor lvert rvert
lVert rVert vert Vert lgroup rgroup lmoustache rmoustache ulcorner urcorner llcorner lrcorner
arrowvert Arrowvert bracevert bra ket braket Bra Ket Braket ketbra set Set
"""
_CONSTRUCTIONS = """
frac dfrac tfrac cfrac genfrac binom dbinom tbinom over atop choose brace brack sqrt overline
underline overbrace underbrace overparen underparen overrightarrow underrightarrow overleftarrow
underleftarrow overleftrightarrow underleftrightarrow overset underset overunderset stackrel
stackbin buildrel substack sideset prescript limits nolimits acute grave ddot dddot ddddot tilde bar
breve check hat vec dot mathring widetilde widehat cancel bcancel xcancel cancelto boxed fbox
framebox phantom hphantom vphantom strut mathstrut mathop mathord mathopen mathclose mathbin mathrel
mathpunct mathinner operatorname cramped splitfrac splitdfrac ce pu
"""
_STYLES = """
rm mit cal it bf scr frak sf tt mathrm mathup
mathnormal mathbf mathbfit mathit mathbb Bbb mathfrak mathbffrak mathscr mathbfscr mathsf mathbfsf
mathsfit mathtt mathcal mathbfcal symrm symbf symit symbfit symbb symfrak symscr symsf symtt symcal
boldsymbol bm text textrm textup textnormal textit textbf textsf texttt emph hbox mbox textcolor
colorbox fcolorbox
"""
_SPACES_AND_LINES = """
enspace quad qquad thinspace medspace thickspace negthinspace negmedspace negthickspace nobreakspace
space hskip hspace kern mskip mspace mkern hfill hfil cr newline hline hdashline tag notag nonumber
shoveleft shoveright
"""

_SWITCHES = """
displaystyle textstyle scriptstyle scriptscriptstyle tiny Tiny scriptsize small normalsize large
Large LARGE huge Huge color
"""
_COSTLY = """
xrightarrow xleftarrow xleftrightarrow xRightarrow xLeftarrow xLeftrightarrow xhookleftarrow
xhookrightarrow xmapsto xrightharpoonup xrightharpoondown xleftharpoonup xleftharpoondown
xrightleftharpoons xleftrightharpoons xlongequal xtwoheadrightarrow xtwoheadleftarrow xtofrom
overbracket underbracket pmb
"""
_ENVIRONMENTS = """
array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix psmallmatrix bsmallmatrix
Bsmallmatrix vsmallmatrix Vsmallmatrix matrix* pmatrix* bmatrix* Bmatrix* vmatrix* Vmatrix* cases
dcases rcases drcases cases* dcases* rcases* drcases* equation equation* align align* aligned
alignat alignat* alignedat flalign flalign* gather gather* gathered lgathered rgathered multline
multline* multlined split eqnarray eqnarray* subarray
"""

COSTLY_COMMANDS = frozenset(_COSTLY.split())
"""Commands that cost as much again for each of them that they stand in."""

SWITCHES = frozenset(_SWITCHES.split())
"""Commands that hold for all that follows, each within those before it."""

COMMANDS = SWITCHES.union(
    COSTLY_COMMANDS,
    _LETTERS.split(),
    _SYMBOLS.split(),
    _OPERATORS.split(),
    _RELATIONS.split(),
    _ARROWS.split(),
    _DELIMITERS.split(),
    _CONSTRUCTIONS.split(),
    _STYLES.split(),
    _SPACES_AND_LINES.split(),
)
"""Commands of letters; those that a backslash makes of one other sign are few, and all draw."""

ENVIRONMENTS = frozenset(_ENVIRONMENTS.split())
