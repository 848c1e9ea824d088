/** The only script of content pages. Everything here makes nicer what already works without it. */
import { enhanceCopying } from './copying'
import { enhanceGalleries } from './gallery'
import { enhanceLeadForms } from './lead-form'

enhanceGalleries(document)
enhanceLeadForms(document)
enhanceCopying(document)
